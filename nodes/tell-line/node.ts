import { defineTellNode } from '../kit/tell-node.ts';

export default defineTellNode('line', 'font-awesome/fa-comment');
