import { type History, fromPackage, fromRepository } from './sources.ts';
import type { Hand } from './typist.ts';

export interface RecordingPlan {
  readonly name: string;
  /** As it is called in the recording: each event repeats it. */
  readonly file: string;
  readonly language: string;
  readonly hand: Hand;
  readonly seed: number;
  readonly history: () => History | Promise<History>;
}

const FAST: Hand = { wordsPerMinute: 80, typos: 0.014 };
const SLOW: Hand = { wordsPerMinute: 25, typos: 0.02 };

export const RECORDINGS: readonly RecordingPlan[] = [
  {
    name: 'typescript-router-fast',
    file: 'router.ts',
    language: 'typescript',
    hand: FAST,
    seed: 101,
    history: () => fromRepository('538dc00', 'packages/inference/src/router.ts'),
  },
  {
    name: 'typescript-answer-fast',
    file: 'answer.ts',
    language: 'typescript',
    hand: FAST,
    seed: 102,
    history: () => fromRepository('c2679e3', 'packages/client/src/policy/answer.ts'),
  },
  {
    name: 'typescript-completions-slow',
    file: 'completions.ts',
    language: 'typescript',
    hand: SLOW,
    seed: 103,
    history: () => fromRepository('2ef1885', 'apps/server/src/gateway/completions.ts'),
  },
  {
    name: 'typescript-main-fast',
    file: 'main.ts',
    language: 'typescript',
    hand: FAST,
    seed: 104,
    history: () => fromRepository('2ef1885', 'apps/server/src/main.ts'),
  },
  {
    name: 'tsx-sidebar-slow',
    file: 'sidebar.tsx',
    language: 'typescriptreact',
    hand: SLOW,
    seed: 105,
    history: () =>
      fromPackage('@docusaurus/theme-classic', ['3.4.0', '3.9.2'], 'src/theme/DocSidebarItem/Category/index.tsx'),
  },
  {
    name: 'tsx-navbar-fast',
    file: 'navbar.tsx',
    language: 'typescriptreact',
    hand: FAST,
    seed: 106,
    history: () =>
      fromPackage(
        '@docusaurus/theme-classic',
        ['3.4.0', '3.9.2'],
        'src/theme/NavbarItem/DocsVersionDropdownNavbarItem.tsx',
      ),
  },
  {
    name: 'javascript-interceptor-fast',
    file: 'interceptor.js',
    language: 'javascript',
    hand: FAST,
    seed: 107,
    history: () => fromPackage('react-native', ['0.76.9', '0.78.3'], 'Libraries/Network/XHRInterceptor.js'),
  },
  {
    name: 'python-test-fast',
    file: 'common_test.py',
    language: 'python',
    hand: FAST,
    seed: 108,
    history: () => fromPackage('node-gyp', ['8.4.1', '12.4.0'], 'gyp/pylib/gyp/common_test.py'),
  },
  {
    name: 'python-common-slow',
    file: 'common.py',
    language: 'python',
    hand: SLOW,
    seed: 109,
    history: () => fromPackage('node-gyp', ['8.4.1', '12.4.0'], 'gyp/pylib/gyp/common.py'),
  },
  {
    name: 'cpp-input-fast',
    file: 'input.cpp',
    language: 'cpp',
    hand: FAST,
    seed: 110,
    history: () =>
      fromPackage(
        'react-native',
        ['0.76.9', '0.78.3'],
        'ReactCommon/react/renderer/components/textinput/platform/android/react/renderer/components/androidtextinput/AndroidTextInputShadowNode.cpp',
      ),
  },
  {
    name: 'cpp-image-slow',
    file: 'image.cpp',
    language: 'cpp',
    hand: SLOW,
    seed: 111,
    history: () =>
      fromPackage('react-native', ['0.76.9', '0.78.3'], 'ReactCommon/react/renderer/components/image/ImageProps.cpp'),
  },
  {
    name: 'kotlin-modal-fast',
    file: 'modal.kt',
    language: 'kotlin',
    hand: FAST,
    seed: 112,
    history: () =>
      fromPackage(
        'react-native',
        ['0.76.9', '0.78.3'],
        'ReactAndroid/src/main/java/com/facebook/react/views/modal/ReactModalHostView.kt',
      ),
  },
  {
    name: 'java-delegate-slow',
    file: 'Delegate.java',
    language: 'java',
    hand: SLOW,
    seed: 113,
    history: () =>
      fromPackage(
        'react-native',
        ['0.76.9', '0.78.3'],
        'ReactAndroid/src/main/java/com/facebook/react/ReactDelegate.java',
      ),
  },
  {
    name: 'objective-cpp-host-fast',
    file: 'host.mm',
    language: 'objective-cpp',
    hand: FAST,
    seed: 114,
    history: () =>
      fromPackage(
        'react-native',
        ['0.76.9', '0.78.3'],
        'ReactCommon/react/runtime/platform/ios/ReactCommon/RCTHost.mm',
      ),
  },
  {
    name: 'swift-request-slow',
    file: 'request.swift',
    language: 'swift',
    hand: SLOW,
    seed: 115,
    history: () =>
      fromPackage('@capacitor/ios', ['7.0.0', '8.0.0'], 'Capacitor/Capacitor/Plugins/HttpRequestHandler.swift'),
  },
  {
    name: 'scss-labels-slow',
    file: 'labels.scss',
    language: 'scss',
    hand: SLOW,
    seed: 116,
    history: () => fromPackage('bootstrap', ['5.2.3', '5.3.8'], 'scss/forms/_floating-labels.scss'),
  },
  {
    name: 'ruby-codegen-fast',
    file: 'codegen.rb',
    language: 'ruby',
    hand: FAST,
    seed: 117,
    history: () => fromPackage('react-native', ['0.76.9', '0.78.3'], 'scripts/cocoapods/codegen_utils.rb'),
  },
];
