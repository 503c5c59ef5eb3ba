namespace Notify.Storage.Embedded;

/// <summary>A file that is written at its end.</summary>
internal interface IDiskFile : IDisposable
{
    /// <summary>Its length.</summary>
    long Length { get; }

    /// <summary>Writes at the end, all of it or, when it throws, any part of it.</summary>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Cuts the file off at a length.</summary>
    void Truncate(long length);

    /// <summary>Returns when everything written is on stable storage. When it throws, nobody knows what is.</summary>
    void Sync();
}
