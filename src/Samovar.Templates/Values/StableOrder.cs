using System.Runtime.ExceptionServices;

namespace Samovar.Templates.Values;

/// <summary>Sorts and leaves equals in their order, also when reversed.</summary>
internal static class StableOrder
{
    public static List<T> Of<T>(IEnumerable<T> items, Func<T, TemplateValue> key, IComparer<TemplateValue> comparer, bool reverse)
    {
        try
        {
            return [.. reverse ? items.OrderByDescending(key, comparer) : items.OrderBy(key, comparer)];
        }
        catch (InvalidOperationException exception) when (exception.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(exception.InnerException); // the sort wraps what the comparer throws
            throw;
        }
    }
}
