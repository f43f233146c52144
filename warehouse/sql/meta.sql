-- One row: which version this is, from what it was built and as of which day.
-- key: version
-- column version (provenance): Version of this warehouse: a hash over its inputs, so the same input has the same version
-- column built_at (provenance): When this file was built (UTC)
-- column as_of: Day of the newest data: last fetch of any capture that records were read from
-- column reader_version: Version of the award reader that made the statements
-- column law_sha256: Hash over the weights and agencies of ordinance/ used for candidates
-- column inputs_sha256 (provenance): Hash over the lake files and captures this was built from
-- column sql_sha256: Hash over the SQL this was built with
SELECT version, built_at, as_of, reader_version, law_sha256, inputs_sha256, sql_sha256 FROM input_meta
