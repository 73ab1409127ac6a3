/** Every address the server answers at, apart from what is said there: who only asks needs no schema. */
export const COMPLETIONS_PATH = '/v1/code/completions';
export const TELEMETRY_PATH = '/v1/telemetry';
/** What the organisation wants of every client. */
export const POLICY_PATH = '/v1/policy';
/** Where gateways are and how they are: what clients choose a region by, and load balancers an instance. */
export const REGIONS_PATH = '/v1/regions';
export const ADMIN_API_PATH = '/admin/api';
export const CONFIG_PATH = `${ADMIN_API_PATH}/config`;
export const SPENDING_PATH = `${ADMIN_API_PATH}/spending`;
/** `GET` says what is stopped, `POST` stops, `DELETE` resumes. */
export const SPENDING_STOP_PATH = `${ADMIN_API_PATH}/spending/stop`;
