namespace Samovar.Protocol.Requests;

/// <summary>How a create came in: some fields mean something on one way only.</summary>
public enum CreateRequestOrigin
{
    /// <summary>The body of a POST.</summary>
    Http,

    /// <summary>A <c>response.create</c> frame.</summary>
    WebSocketCreate,

    /// <summary>A frame without <c>type</c>.</summary>
    Bare,
}
