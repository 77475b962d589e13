import { defineTellNode } from '../kit/tell-node.ts';

export default defineTellNode('slack', 'font-awesome/fa-slack');
