import { defineTellNode } from '../kit/tell-node.ts';

export default defineTellNode('sms', 'font-awesome/fa-commenting-o');
