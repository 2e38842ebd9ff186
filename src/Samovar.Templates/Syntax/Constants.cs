namespace Samovar.Templates.Syntax;

/// <summary>Which expressions the reference works out while it compiles: where it does, a few things come out otherwise.</summary>
internal static class Constants
{
    public static bool Are(Expression expression) => expression switch
    {
        Expression.Constant => true,
        Expression.MapLiteral map => Array.TrueForAll(map.Entries, entry => Are(entry.Key) && Are(entry.Value)),
        Expression.Negate negate => Are(negate.Operand),
        Expression.Plus plus => Are(plus.Operand),
        Expression.Not not => Are(not.Operand),
        Expression.Binary binary => Are(binary.Left) && Are(binary.Right),
        Expression.And and => Are(and.Left) && Are(and.Right),
        Expression.Or or => Are(or.Left) && Are(or.Right),
        Expression.Compare compare => Are(compare.First) && Array.TrueForAll(compare.Others, other => Are(other.Value)),
        Expression.Concat concat => Array.TrueForAll(concat.Parts, Are),
        Expression.ListLiteral list => Array.TrueForAll(list.Items, Are),
        Expression.Filter { Apply.Arguments: { Named: [], Several: null, SeveralNamed: null } arguments } filter =>
            Are(filter.Input) && Array.TrueForAll(arguments.Positional, Are),
        _ => false,
    };
}
