using System.Collections.Immutable;
using Samovar.Protocol.Items;

namespace Samovar.Context;

/// <summary>What of a conversation its model does not see, by the places of the items from the conversation's start.</summary>
/// <remarks>The chain keeps every item: nobody else notices, and what is cleared can be seen again.</remarks>
/// <param name="Outputs">Results of calls, which a note stands for.</param>
/// <param name="Inputs">Calls whose arguments are left out.</param>
/// <param name="Thoughts">Thoughts, which are left out.</param>
internal sealed record Clearing(ImmutableSortedSet<int> Outputs, ImmutableSortedSet<int> Inputs, ImmutableSortedSet<int> Thoughts)
{
    /// <summary>The words never change: what was written once stays the beginning of every later prompt.</summary>
    public const string Note = "[Old tool result content cleared]";
    public const string NoArguments = "{}";

    public static readonly Clearing Nothing =
        new(ImmutableSortedSet<int>.Empty, ImmutableSortedSet<int>.Empty, ImmutableSortedSet<int>.Empty);

    public bool IsNothing => Outputs.Count == 0 && Inputs.Count == 0 && Thoughts.Count == 0;

    /// <summary>The item as the model sees it; null where it does not.</summary>
    /// <param name="item">An item of the conversation.</param>
    /// <param name="at">Its place.</param>
    public Item? Seen(Item item, int at) => item switch
    {
        ReasoningItem when Thoughts.Contains(at) => null,
        FunctionCallItem call when Inputs.Contains(at) => call with { Arguments = NoArguments },
        CustomToolCallItem call when Inputs.Contains(at) => call with { Input = "" },
        FunctionCallOutputItem output when Outputs.Contains(at) => output with { Output = Noted },
        CustomToolCallOutputItem output when Outputs.Contains(at) => output with { Output = Noted },
        OtherOutputItem output when Outputs.Contains(at) => output with { Output = Noted },
        _ => item,
    };

    /// <summary>All of them.</summary>
    public IEnumerable<int> Places => Outputs.Concat(Inputs).Concat(Thoughts);

    /// <summary>The items of a stretch of the conversation as the model sees them; the same list where nothing of it is cleared.</summary>
    /// <param name="items">The stretch.</param>
    /// <param name="start">The place of its first.</param>
    public IReadOnlyList<Item> Seen(IReadOnlyList<Item> items, int start) =>
        !IsNothing && Enumerable.Range(start, items.Count).Any(Has)
            ? [.. items.Select((item, at) => Seen(item, start + at)).OfType<Item>()] : items;

    /// <summary>Both.</summary>
    public Clearing With(Clearing more) =>
        new(Outputs.Union(more.Outputs), Inputs.Union(more.Inputs), Thoughts.Union(more.Thoughts));

    private bool Has(int at) => Outputs.Contains(at) || Inputs.Contains(at) || Thoughts.Contains(at);

    private static IReadOnlyList<ContentPart> Noted { get; } = [new ContentPart.Text(Note)];

    public bool Equals(Clearing? other) => other is not null
        && Outputs.SequenceEqual(other.Outputs) && Inputs.SequenceEqual(other.Inputs) && Thoughts.SequenceEqual(other.Thoughts);

    public override int GetHashCode() => HashCode.Combine(Outputs.Count, Inputs.Count, Thoughts.Count);
}
