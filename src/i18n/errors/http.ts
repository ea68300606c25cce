/** What can go wrong with a server or a request over the network. */
import { errorText } from '../text';

export const httpErrors = {
  CANNOT_LISTEN: errorText<{ address: string; port: number; reason: string }>(
    'unavailable',
    (p) => `Cannot listen on ${p.address}:${p.port} (${p.reason}). Is another service using the port?`,
    (p) =>
      `Không thể nghe tại ${p.address}:${p.port} (${p.reason}). Có dịch vụ khác đang dùng cổng này không?`,
  ),
  ORIGIN_UNKNOWN: errorText<{ origin: string }>(
    'refused',
    (p) => `No journal "${p.origin}" is open here.`,
    (p) => `Ở đây không có nhật ký "${p.origin}" nào đang mở.`,
  ),
  TOO_MANY_REQUESTS: errorText<{ origin: string }>(
    'unavailable',
    (p) => `Another request about ${p.origin} is open, or there were too many. Try again later.`,
    (p) => `Đang có yêu cầu khác về ${p.origin}, hoặc đã gửi quá nhiều. Hãy thử lại sau.`,
  ),
  BODY_NOT_READ: errorText<{ reason: string }>(
    'input',
    (p) => `The body cannot be read, or is larger than a submission may be (${p.reason}).`,
    (p) => `Không đọc được nội dung gửi, hoặc nội dung lớn hơn mức cho phép (${p.reason}).`,
  ),
} as const;
