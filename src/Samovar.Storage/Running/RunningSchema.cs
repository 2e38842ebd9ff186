using Samovar.Storage.Sql;

namespace Samovar.Storage.Running;

/// <summary>The tables of background turns: those that run, those that ended without a response, and the processes that run them.</summary>
/// <remarks>A row's <c>input</c> is what the turn is made from; <c>size</c> is that and the snapshot, in bytes.</remarks>
internal static class RunningSchema
{
    public static readonly SchemaRoom Room = new("running", """
        CREATE TABLE running_process (process TEXT NOT NULL PRIMARY KEY, seen_at BIGINT NOT NULL);
        CREATE TABLE running_row (
            seq {key}, tenant TEXT NOT NULL, id TEXT NOT NULL, process TEXT NOT NULL, started_at BIGINT NOT NULL, ended_at BIGINT,
            snapshot {bytes} NOT NULL, UNIQUE (tenant, id));
        CREATE INDEX running_row_ended ON running_row (ended_at)
        """, """
        ALTER TABLE running_row ADD COLUMN parent TEXT;
        ALTER TABLE running_row ADD COLUMN input {bytes};
        ALTER TABLE running_row ADD COLUMN size BIGINT NOT NULL DEFAULT 0;
        CREATE INDEX running_row_end ON running_row (tenant, ended_at, seq, size) WHERE ended_at IS NOT NULL
        """);
}
