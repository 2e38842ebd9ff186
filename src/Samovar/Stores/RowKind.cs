namespace Samovar.Stores;

/// <summary>What a row is to those who ask for it by its id.</summary>
public enum RowKind : byte
{
    /// <summary>A response.</summary>
    Response,

    /// <summary>A response that was asked for as a chat completion, and is found as that, too.</summary>
    ChatCompletion,

    /// <summary>Items that were added to a conversation without a turn.</summary>
    Items,
}
