/** A real SFTP server (ssh2) with one account and files in memory. */
import { generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import ssh2, { type Connection, type SFTPWrapper } from 'ssh2';

const { STATUS_CODE } = ssh2.utils.sftp;
/** A plain file that its owner may read. */
const FILE_MODE = 0o100600;

export interface SftpFile {
  bytes: Buffer;
  /** Seconds since 1970. */
  at: number;
}

export interface SftpServer {
  readonly port: number;
  readonly files: Map<string, SftpFile>;
  /** How often somebody tried to sign in, and how often a file was opened. */
  readonly counts: { signIns: number; opened: number };
  close(): Promise<void>;
}

const hostKey = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();

function serve(sftp: SFTPWrapper, files: Map<string, SftpFile>, counts: { opened: number }): void {
  const open: SftpFile[] = [];
  const attributes = (
    file: SftpFile,
  ): { mode: number; uid: number; gid: number; size: number; atime: number; mtime: number } => ({
    ...{ mode: FILE_MODE, uid: 0, gid: 0, size: file.bytes.length, atime: file.at, mtime: file.at },
  });
  const handleOf = (handle: Buffer): SftpFile | undefined => open[handle.readUInt32BE(0)];
  const stat = (id: number, path: string): void => {
    const file = files.get(path);
    if (file === undefined) sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
    else sftp.attrs(id, attributes(file));
  };
  sftp.on('STAT', stat);
  sftp.on('LSTAT', stat);
  sftp.on('OPEN', (id, path) => {
    const file = files.get(path);
    if (file === undefined) {
      sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
      return;
    }
    counts.opened++;
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(open.push(file) - 1, 0);
    sftp.handle(id, handle);
  });
  sftp.on('FSTAT', (id, handle) => {
    const file = handleOf(handle);
    if (file === undefined) sftp.status(id, STATUS_CODE.FAILURE);
    else sftp.attrs(id, attributes(file));
  });
  sftp.on('READ', (id, handle, offset, length) => {
    const bytes = handleOf(handle)?.bytes.subarray(offset, offset + length) ?? Buffer.alloc(0);
    if (bytes.length === 0) sftp.status(id, STATUS_CODE.EOF);
    else sftp.data(id, bytes);
  });
  sftp.on('CLOSE', (id) => {
    sftp.status(id, STATUS_CODE.OK);
  });
}

export async function openSftpServer(
  account: { readonly username: string; readonly password?: string; readonly privateKey?: string },
  port = 0,
): Promise<SftpServer> {
  const files = new Map<string, SftpFile>();
  const counts = { signIns: 0, opened: 0 };
  const connections = new Set<Connection>();
  const wanted = account.privateKey === undefined ? null : ssh2.utils.parseKey(account.privateKey);
  if (wanted instanceof Error) throw wanted;
  const server = new ssh2.Server({ hostKeys: [hostKey()] }, (connection) => {
    connections.add(connection);
    connection.on('authentication', (context) => {
      if (context.method === 'none') {
        context.reject(['password', 'publickey']);
        return;
      }
      counts.signIns++;
      const isPassword = context.method === 'password' && context.password === account.password;
      const isKey =
        context.method === 'publickey' &&
        wanted !== null &&
        !Array.isArray(wanted) &&
        context.key.data.equals(wanted.getPublicSSH());
      if (context.username === account.username && (isPassword || isKey)) context.accept();
      else context.reject(['password', 'publickey']);
    });
    connection.on('session', (accept) => {
      accept().on('sftp', (acceptSftp) => {
        serve(acceptSftp(), files, counts);
      });
    });
    // A client that goes away without a word.
    connection.on('error', () => undefined);
    connection.on('close', () => connections.delete(connection));
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return {
    ...{ files, counts },
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const connection of connections) connection.end();
      await new Promise<void>((done) =>
        server.close(() => {
          done();
        }),
      );
    },
  };
}
