using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>Makes what is walked item by item.</summary>
internal static class Streams
{
    public static TemplateValue.Stream Of(IEnumerable<TemplateValue> items) => new(items.GetEnumerator());
}
