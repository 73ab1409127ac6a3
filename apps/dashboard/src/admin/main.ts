import { beforeAnything } from '../before-anything.ts';
import '../theme/theme.css';
import '../frame/frame.css';
import './admin.css';

beforeAnything();
void import('./start.tsx');
