namespace Samovar.Storage.Sql;

/// <summary>SQLite's result codes, as far as they mean something here.</summary>
internal static class SqliteCodes
{
    public const int Corrupt = 11;
    public const int NotADatabase = 26;

    private const int Permission = 3, Busy = 5, Locked = 6, NoMemory = 7, ReadOnly = 8, Interrupted = 9, Io = 10, Full = 13,
        CannotOpen = 14, Protocol = 15;

    public static bool IsAway(int code) =>
        code is Permission or Busy or Locked or NoMemory or ReadOnly or Interrupted or Io or Full or CannotOpen or Protocol;
}
