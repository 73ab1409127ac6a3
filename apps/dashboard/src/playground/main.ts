import { beforeAnything } from '../before-anything.ts';
import '../theme/theme.css';
import '../frame/frame.css';
import '@ghostline/inspector/inspector.css';
import './playground.css';

beforeAnything();
void import('./start.tsx');
