import { describe, expect, it } from 'vitest';
import { SHIM, decide, obtain } from './choose-vscode.ts';

describe('which VS Code the tests run in', () => {
  it('is the desktop application on macOS and Windows', () => {
    expect(decide({}, 'darwin')).toMatchObject({ kind: 'desktop', required: false });
    expect(decide({}, 'win32')).toMatchObject({ kind: 'desktop', required: false });
  });

  it('is the desktop application on Linux where there is a display, else the web workbench', () => {
    expect(decide({ DISPLAY: ':0' }, 'linux')).toMatchObject({ kind: 'desktop', why: 'DISPLAY is set' });
    expect(decide({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux').kind).toBe('desktop');
    expect(decide({ DISPLAY: '' }, 'linux').kind).toBe('web');
  });

  it('is what GHOSTLINE_VSCODE says, whatever the machine is like', () => {
    expect(decide({ GHOSTLINE_VSCODE: 'web' }, 'darwin').kind).toBe('web');
    expect(decide({ GHOSTLINE_VSCODE: 'desktop' }, 'linux')).toMatchObject({ kind: 'desktop', required: true });
    expect(decide({ GHOSTLINE_VSCODE: '/opt/code/code' }, 'linux')).toMatchObject({
      kind: 'executable',
      path: '/opt/code/code',
    });
  });
});

describe('getting it', () => {
  const download = () => Promise.resolve('/somewhere/code');
  const noNetwork = () => Promise.reject(new Error('getaddrinfo ENOTFOUND update.code.visualstudio.com'));

  it('downloads the desktop application', async () => {
    const { executable, description } = await obtain(decide({}, 'darwin'), download);
    expect(executable).toBe('/somewhere/code');
    expect(description).toContain('desktop application');
  });

  it('falls back to the web workbench when that fails, and says why', async () => {
    const { executable, description } = await obtain(decide({}, 'darwin'), noNetwork);
    expect(executable).toBe(SHIM);
    expect(description).toContain('could not be downloaded (getaddrinfo ENOTFOUND');
  });

  it('fails when the desktop application was asked for by name', async () => {
    const choice = decide({ GHOSTLINE_VSCODE: 'desktop' }, 'linux');
    await expect(obtain(choice, noNetwork)).rejects.toThrow('VS Code could not be downloaded: getaddrinfo');
  });
});
