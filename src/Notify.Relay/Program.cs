using Notify.Hosting;
using Notify.Relay;

return await NodeHost.RunAsync(new RelayProgram(), args);
