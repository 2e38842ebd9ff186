using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Turns;

/// <summary>What a turn sees of the chains around it: where its parent is found, and who learns how it ended.</summary>
internal interface IParentSource
{
    /// <summary>Called when execution begins, not when the request arrived. Null: unknown here.</summary>
    ValueTask<ChainNode?> FindAsync(ResponseId id, CancellationToken turnCancelled);

    /// <summary>Whether a response that was found by what it says could still be found by its id.</summary>
    ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken turnCancelled);

    /// <summary>Items of this tenant that a request only names (<c>item_reference</c>), as far as they are here.</summary>
    /// <param name="ids">Their ids.</param>
    /// <param name="isStored">Whether the new response is to be stored: then only what is stored already is found.</param>
    /// <param name="turnCancelled">The turn is over.</param>
    ValueTask<IReadOnlyDictionary<string, Item>> FindItemsAsync(
        IReadOnlyCollection<string> ids, bool isStored, CancellationToken turnCancelled);

    /// <summary>The turn ended well: called before its terminal event can be seen.</summary>
    void Keep(ChainNode node);

    /// <summary>A turn that is read here ended well before, and what it made has given way since.</summary>
    void Lose(ResponseId id) { }

    /// <summary>The turn failed or was refused: called before anybody can see it.</summary>
    /// <param name="previous">The response that it named as its parent.</param>
    /// <param name="failure">How it ended.</param>
    void Fail(ResponseId? previous, TurnFailure failure);
}

/// <summary>How a turn ended that leaves no response to continue from.</summary>
internal enum TurnFailure
{
    /// <summary>Refused for lack of room or rights, before anything of it was looked at: what it would have continued stays.</summary>
    NotAdmitted,

    /// <summary>Refused because what it would have continued is not found.</summary>
    ParentNotFound,

    /// <summary>Ended by the client.</summary>
    Cancelled,

    /// <summary>A 4xx or 5xx, before or after <c>response.created</c>.</summary>
    Failed,
}
