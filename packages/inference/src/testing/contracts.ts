export { type EndpointUnderTest, describeEndpoint } from './endpoint-contract.ts';
export { describeTokenCounter } from './token-counter-contract.ts';
