export { type InferenceStep, type ScriptedInference, createScriptedInference, spoken } from './scripted-inference.ts';
export { type Script, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
