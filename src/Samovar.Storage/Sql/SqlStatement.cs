namespace Samovar.Storage.Sql;

/// <summary>One statement and its values.</summary>
/// <param name="Text">A constant, in the database's dialect; values are never part of it.</param>
internal sealed record SqlStatement(string Text, params (string Name, object Value)[] Values)
{
    /// <summary>About how many rows it writes.</summary>
    public int Rows { get; init; } = 1;
}
