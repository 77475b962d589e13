import { defineTellNode } from '../kit/tell-node.ts';

export default defineTellNode('mqtt', 'font-awesome/fa-rss');
