/** What can go wrong with a server or a request over the network. */
import { errorText } from '../text';

export const httpErrors = {
  CANNOT_LISTEN: errorText<{ address: string; port: number; reason: string }>(
    'unavailable',
    (p) => `Cannot listen on ${p.address}:${p.port} (${p.reason}). Is another service using the port?`,
    (p) =>
      `Không thể nghe tại ${p.address}:${p.port} (${p.reason}). Có dịch vụ khác đang dùng cổng này không?`,
  ),
} as const;
