import { describeConvergence } from './test/convergence.js';

describeConvergence('rich-text');
