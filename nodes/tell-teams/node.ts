import { defineTellNode } from '../kit/tell-node.ts';

export default defineTellNode('teams', 'font-awesome/fa-users');
