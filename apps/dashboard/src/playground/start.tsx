import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Frame } from '../frame/frame.tsx';
import { PlaygroundPage } from './playground-page.tsx';

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <QueryClientProvider client={new QueryClient()}>
      <Frame page="Playground">
        <PlaygroundPage />
      </Frame>
    </QueryClientProvider>
  </StrictMode>,
);
