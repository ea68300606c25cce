/** What the system calls say about a path somebody gave, by their POSIX error code. */
export const fileFailures = {
  ENOENT: { en: 'no such file or folder', vi: 'không có tệp hoặc thư mục này' },
  EACCES: { en: 'permission denied', vi: 'không đủ quyền truy cập' },
  EPERM: { en: 'operation not permitted', vi: 'thao tác không được phép' },
  EISDIR: { en: 'is a folder, where a file is needed', vi: 'là thư mục, trong khi cần tệp' },
  ENOTDIR: { en: 'is a file, where a folder is needed', vi: 'là tệp, trong khi cần thư mục' },
  EEXIST: { en: 'exists already', vi: 'đã có sẵn' },
  ENOTEMPTY: { en: 'the folder is not empty', vi: 'thư mục không trống' },
  EROFS: { en: 'on a file system that is read-only', vi: 'nằm trên hệ thống tệp chỉ đọc' },
} as const;

export type FileFailure = keyof typeof fileFailures;
