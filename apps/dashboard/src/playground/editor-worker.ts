/** The worker Monaco expects: differences, links, words. */
import 'monaco-editor/editor/editor.worker.js';
