import { defineTellNode } from '../kit/tell-node.ts';

export default defineTellNode('push', 'font-awesome/fa-mobile');
