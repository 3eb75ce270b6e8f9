// Writes Fixtures/parquet/*.parquet with DuckDB, in the layouts of Hugging Face's data sets: an image's content is 'image' and its row's number.
// npm install @duckdb/node-api && node make_parquet.mjs
import { DuckDBInstance } from '@duckdb/node-api';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('parquet/', import.meta.url));
const database = await (await DuckDBInstance.create()).connect();
const features = (image, labels) => JSON.stringify({
    info: {
        features: {
            [image]: { _type: 'Image' },
            ...Object.fromEntries(Object.entries(labels).map(([name, names]) => [name, { names, _type: 'ClassLabel' }])),
        },
    },
});
const write = (name, columns, rows, options) =>
    database.run(`COPY (SELECT ${columns} FROM range(${rows}) rows(i)) TO '${folder}${name}' (FORMAT parquet, ${options})`);
const metadata = text => `KV_METADATA {huggingface: '${text}'}`;

await write('train-00000-of-00002.parquet', "{bytes: encode('image' || i), path: i || '.jpg'} AS image, i % 3 AS label", 7,
    `COMPRESSION snappy, ${metadata(features('image', { label: ['cat', 'dog', 'owl'] }))}`);
await write('train-00001-of-00002.parquet', "{bytes: encode('image' || (i + 7)), path: i || '.jpg'} AS image, (i + 7) % 3 AS label", 5,
    `COMPRESSION zstd, ${metadata(features('image', { label: ['cat', 'dog', 'owl'] }))}`);
// A row without an image, one with a path alone, one without a label and one with the label of those that have none.
await write('validation-00000-of-00001.parquet',
    "CASE WHEN i <> 1 THEN {bytes: CASE WHEN i <> 2 THEN encode('image' || i) END, path: i || '.jpg'} END AS image, "
    + 'CASE WHEN i = 3 THEN NULL WHEN i = 4 THEN -1 ELSE i % 3 END AS label', 6,
    `COMPRESSION gzip, ${metadata(features('image', { label: ['cat', 'dog', 'owl'] }))}`);
await write('cifar.parquet', "{bytes: encode('image' || i), path: NULL::VARCHAR} AS img, i % 4 AS fine_label, (i % 2)::INTEGER AS coarse_label", 8,
    `COMPRESSION uncompressed, ${metadata(features('img', { coarse_label: ['a', 'b'], fine_label: ['p', 'q', 'r', 's'] }))}`);
// Without metadata, an image as bytes alone and many times the same.
await write('plain.parquet', "i AS id, encode('image' || (i % 2)) AS jpg, (2 * (i % 3))::INTEGER AS cls", 100, 'COMPRESSION snappy');
