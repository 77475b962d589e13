import { defineTellNode } from '../kit/tell-node.ts';

export default defineTellNode('webhook', 'font-awesome/fa-link');
