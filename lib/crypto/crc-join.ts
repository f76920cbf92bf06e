/** Polynomials of the reflected CRCs the house knows, lowest power in the highest bit. */
const polynomials = { crc32: 0xedb8_8320n, crc32c: 0x82f6_3b78n, crc64nvme: 0x9a6c_9329_ac4b_c9b5n } as const;

export type CrcName = keyof typeof polynomials;

/** The CRC of `first` followed by `second`, from their CRCs and the length of the second in bytes.
 *  Appending n zero bytes multiplies by x^8n; that power is found by squaring. */
export function joinCrc(
  name: CrcName,
  first: Uint8Array,
  second: Uint8Array,
  secondBytes: number,
): Uint8Array {
  const width = name === "crc64nvme" ? 64 : 32;
  const polynomial = polynomials[name];
  const product = multiply(
    powerOfX(BigInt(secondBytes) * 8n, polynomial, width),
    read(first),
    polynomial,
    width,
  );
  return write(product ^ read(second), width / 8);
}

/** a·b modulo the polynomial, bits reflected: the highest bit is x^0. */
function multiply(a: bigint, b: bigint, polynomial: bigint, width: number): bigint {
  const top = 1n << BigInt(width - 1);
  let product = 0n;
  let shifted = b;
  for (let bit = top; bit !== 0n; bit >>= 1n) {
    if (a & bit) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}

function powerOfX(exponent: bigint, polynomial: bigint, width: number): bigint {
  let power = 1n << BigInt(width - 1); // x^0
  let square = 1n << BigInt(width - 2); // x^1
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) power = multiply(power, square, polynomial, width);
    square = multiply(square, square, polynomial, width);
  }
  return power;
}

const read = (bytes: Uint8Array): bigint => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);

function write(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = size - 1, rest = value; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 255n);
  return bytes;
}
