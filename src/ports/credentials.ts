/** Small named secrets, sealed with the key file: the device key, the device token, the stack secret. */
export interface CredentialStore {
  read(name: string): string | null;
  write(name: string, value: string): void;
  remove(name: string): void;
}
