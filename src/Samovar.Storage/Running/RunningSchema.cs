using Samovar.Storage.Sql;

namespace Samovar.Storage.Running;

/// <summary>The tables of background turns: those that run, those that ended without a response, and the processes that run them.</summary>
internal static class RunningSchema
{
    public static readonly SchemaRoom Room = new("running", """
        CREATE TABLE running_process (process TEXT NOT NULL PRIMARY KEY, seen_at BIGINT NOT NULL);
        CREATE TABLE running_row (
            seq {key}, tenant TEXT NOT NULL, id TEXT NOT NULL, process TEXT NOT NULL, started_at BIGINT NOT NULL, ended_at BIGINT,
            snapshot {bytes} NOT NULL, UNIQUE (tenant, id));
        CREATE INDEX running_row_ended ON running_row (ended_at)
        """);
}
