import { defineTellNode } from '../kit/tell-node.ts';

export default defineTellNode('telegram', 'font-awesome/fa-paper-plane-o');
