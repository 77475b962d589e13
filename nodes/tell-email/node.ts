import { defineTellNode } from '../kit/tell-node.ts';

export default defineTellNode('email', 'font-awesome/fa-envelope-o');
