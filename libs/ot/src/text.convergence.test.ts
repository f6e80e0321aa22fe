import { describeConvergence } from './test/convergence.js';

describeConvergence('text');
