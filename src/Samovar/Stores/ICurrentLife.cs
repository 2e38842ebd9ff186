namespace Samovar.Stores;

/// <summary>The life that this node lives now, where it shares a store with others: what it claims and begins is that life's. A server
/// that stands alone has none of this.</summary>
public interface ICurrentLife
{
    /// <summary>Null where it was declared dead, and has not begun another.</summary>
    Incarnation? Current { get; }
}
