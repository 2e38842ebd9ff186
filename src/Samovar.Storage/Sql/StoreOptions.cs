using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Storage.Sql;

/// <summary>Where what is stored outlives the process.</summary>
public enum StoreKind
{
    /// <summary>Nowhere: it ends with the process.</summary>
    Memory,

    /// <summary>A file of the data folder, for one server.</summary>
    Sqlite,

    /// <summary>A PostgreSQL database, which several servers may share.</summary>
    Postgres,
}

/// <summary>Where stored responses are kept, and how long anybody waits for that.</summary>
public sealed class StoreOptions : IValidatableObject
{
    public const string Section = "Store";

    /// <summary>Where stored responses are kept: memory, sqlite (a file of the data folder) or postgres.</summary>
    [RegularExpression("^(memory|sqlite|postgres)$")] public string Kind { get; set; } = "sqlite";

    /// <summary>How PostgreSQL is reached: keys and values, or a postgres:// address. May hold a password: it is never shown.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>A file that holds the connection string, instead of the setting itself.</summary>
    public string? ConnectionStringFile { get; set; }

    /// <summary>How long a connection to PostgreSQL may take to begin.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")] public TimeSpan ConnectTimeMax { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long the database may take for one command; then that is given up, and where the database does not answer a look
    /// either, it counts as away.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan CommandTimeMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long PostgreSQL lets a write wait for what another transaction holds; then that write alone is refused.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")] public TimeSpan LockTimeMax { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long PostgreSQL leaves a transaction open whose server sends nothing, one that was stopped: then it is taken back, and others
    /// get what it held.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")] public TimeSpan IdleTransactionMax { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the database may take to bring the tables of an older version up to date.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")] public TimeSpan SchemaTimeMax { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a read or a write may take in all, with its wait for others.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan CallTimeMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads at once, each on a connection of its own; further ones wait.</summary>
    [Range(1, 1000)] public int ReadersMax { get; set; } = 8;

    /// <summary>Writes that are made durable together.</summary>
    [Range(1, 10_000)] public int BatchMax { get; set; } = 128;

    /// <summary>Bytes of the writes that are made durable together, a row counted as 256 more; a larger one goes alone.</summary>
    [Range(65_536, 1L << 30)] public long BatchBytesMax { get; set; } = 8L << 20;

    /// <summary>Writes that wait; one more is refused as if the store were away. While an eighth or less is free, a tenant that has
    /// more than an eighth of that waiting is refused.</summary>
    [Range(1, 1_000_000)] public int WaitingMax { get; set; } = 4096;

    /// <summary>Bytes of the writes that wait; tenants share them in the same way.</summary>
    [Range(65_536, 1L << 36)] public long WaitingBytesMax { get; set; } = 256L << 20;

    /// <summary>How soon a store that went away is tried again; twice as long after each further try that failed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:05:00")] public TimeSpan RetryDelayMin { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest of these waits.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:05:00")] public TimeSpan RetryDelayMax { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes of SQLite's write-ahead log at which it is copied into the file, behind the writes.</summary>
    [Range(65_536, 1L << 36)] public long CheckpointBytes { get; set; } = 16L << 20;

    /// <summary>Bytes of the write-ahead log at which writes wait until it is copied.</summary>
    [Range(65_536, 1L << 40)] public long LogBytesMax { get; set; } = 256L << 20;

    /// <summary>Bytes that the disk must have left before a store that was away on it, or begins on it, is used.</summary>
    [Range(0L, 1L << 40)] public long FreeBytesMin { get; set; } = 16L << 20;

    /// <summary>How often the size of the write-ahead log is looked at; when nothing was written for so long, it is emptied.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")] public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(2);

    internal StoreKind Place => Enum.Parse<StoreKind>(Kind, ignoreCase: true);

    /// <summary>How long a look may take that says whether a group of writes, or one, was too much, or the store is away.</summary>
    internal TimeSpan LookTimeMax => CommandTimeMax / 5;

    /// <summary>How long a group of writes, or one of them, may take: the rest is for that look.</summary>
    internal TimeSpan WriteTimeMax => CommandTimeMax - LookTimeMax;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var isGiven = !string.IsNullOrWhiteSpace(ConnectionString);
        var isFileGiven = !string.IsNullOrWhiteSpace(ConnectionStringFile);
        if (Kind == "postgres" && !isGiven && !isFileGiven)
            yield return new ValidationResult(
                $"{Section}:{nameof(ConnectionString)}: postgres needs one, here or in {Section}:{nameof(ConnectionStringFile)}.");
        if (isGiven && isFileGiven)
            yield return new ValidationResult(
                $"{Section}:{nameof(ConnectionString)}: give it or {Section}:{nameof(ConnectionStringFile)}, not both.");
        if (Kind == "postgres" && LockTimeMax >= WriteTimeMax) // else a row that another holds looks like a database that is away
            yield return new ValidationResult($"{Section}:{nameof(LockTimeMax)}: must be below four fifths of {nameof(CommandTimeMax)}.");
        if (Kind == "postgres" && IdleTransactionMax >= LockTimeMax) // else it is refused what it would get soon
            yield return new ValidationResult($"{Section}:{nameof(IdleTransactionMax)}: must be below {nameof(LockTimeMax)}.");
        if (RetryDelayMax < RetryDelayMin)
            yield return new ValidationResult($"{Section}:{nameof(RetryDelayMax)}: must not be below {nameof(RetryDelayMin)}.");
        if (LogBytesMax < CheckpointBytes)
            yield return new ValidationResult($"{Section}:{nameof(LogBytesMax)}: must not be below {nameof(CheckpointBytes)}.");
    }
}

[OptionsValidator] public sealed partial class StoreOptionsValidator : IValidateOptions<StoreOptions>;
