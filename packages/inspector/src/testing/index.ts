export { type FixtureName, KEYSTROKES, keystroke, typingSession } from './keystrokes.ts';
