import { beforeAnything } from '../before-anything.ts';
import '../theme/theme.css';
import '../frame/frame.css';
import './admin.css';
import './spending/spending.css';

beforeAnything();
void import('./start.tsx');
