export { type Inspector, type InspectorOptions, mountInspector } from './mount.ts';
