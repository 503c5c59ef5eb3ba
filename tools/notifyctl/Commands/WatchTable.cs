using System.Text;
using Notify.Core.Protocol;
using Notify.Core.Types;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Types;

namespace Notify.Ctl.Commands;

/// <summary>
/// Shows the objects as tables that stay in place and are drawn again after changes, and when the terminal has another size: at most ten times a
/// second, and always a whole view. For terminals; dispose it to get the screen back.
/// </summary>
internal sealed class WatchTable : IWatchView, IDisposable
{
    /// <summary>Nobody reads faster, and a screen that is far away could not follow.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new(); // What is below it: the feed changes it, the timer draws it.
    private readonly CommandContext _context;
    private readonly Dictionary<ObjectId, (KnownType Type, ObjectView View)> _objects = [];
    private readonly List<WatchedChange> _coming = []; // Of a view that has not ended.
    private readonly ITimer _timer;
    private MirrorPosition? _position;
    private (int Width, int Height) _size;
    private bool _isStale;
    private bool _isOpen;
    private bool _isDisposed;

    public WatchTable(CommandContext context, TimeProvider time)
    {
        _context = context;
        _timer = time.CreateTimer(_ => Tick(), state: null, Interval, Interval);
    }

    public void Show(WatchedChange change)
    {
        lock (_lock)
            _coming.Add(change);
    }

    public void EndView(MirrorPosition position, bool isInitial, int count)
    {
        lock (_lock)
        {
            foreach (var change in _coming)
            {
                if (change is { Type: { } type, View: { } view })
                    _objects[change.Id] = (type, view);
                else
                    _objects.Remove(change.Id);
            }
            _coming.Clear();
            _position = position;
            _isStale = true;
        }
    }

    /// <summary>The timer draws: changes come faster than that.</summary>
    public Task FlushAsync() => Task.CompletedTask;

    /// <summary>Leaves the last state behind, where it can be scrolled back to.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            if (_isDisposed || _position is null)
                return;
            _isDisposed = true;
            _context.Out.Writer.Write(_isOpen ? ScreenText.Leave : "");
            _context.Out.Writer.Write(Render());
            _context.Out.Writer.Flush();
        }
    }

    private void Tick()
    {
        lock (_lock)
        {
            if (_isDisposed || _position is null)
                return; // Not before the first state is whole.
            try
            {
                DrawIfStale(_context.Out.Size());
            }
            catch (IOException)
            {
                _isDisposed = true; // The terminal is gone, and with it whom to tell.
            }
        }
    }

    private void DrawIfStale((int Width, int Height) size)
    {
        if (!_isStale && size == _size)
            return;
        (_size, _isStale) = (size, false);
        var writer = _context.Out.Writer;
        if (!_isOpen)
            writer.Write(ScreenText.Enter);
        _isOpen = true;
        writer.Write(ScreenText.Frame(Render().TrimEnd('\n').Split('\n'), size.Width, size.Height));
        writer.Flush();
    }

    private string Render()
    {
        StringBuilder text = new();
        using StringWriter lines = new(text) { NewLine = "\n" };
        var terminal = _context.Out.To(lines);
        var revision = _position?.StoredRevision ?? 0;
        terminal.Line(terminal.Paint($"{_context.Node.Address}  revision {revision}  {_objects.Count} {(_objects.Count == 1 ? "object" : "objects")}  (Ctrl-C ends)", Ink.Grey));
        var views = _objects.Values.OrderBy(of => of.Type.Rank).Select(of => of.View).ToList();
        new ObjectWriter(terminal, _context.Error, _context.Types, withRevisions: false).WriteAll(views, OutputFormat.Table);
        return text.ToString();
    }
}
