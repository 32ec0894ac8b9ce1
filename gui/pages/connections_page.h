#pragma once

#include "gui/models/closed_connection_model.h"
#include "gui/models/connection_model.h"
#include "gui/pages/page.h"

class QTabWidget;
class QToolButton;

namespace signalbox::gui {

class LiveTable;

/// Who is connected and what goes over each connection; who was, and why no longer.
class ConnectionsPage : public Page {
    Q_OBJECT

public:
    explicit ConnectionsPage(PageContext const& context);

    void showSnapshot(observe::SnapshotPtr const& snapshot) override;
    void prepareForPicture() override;
    void saveLayout() override;

    /// Asks first, for it is not taken back.
    void disconnectSelected();

private:
    void makeOpenTable();
    void makeClosedTable();
    void fillMenu(QPoint const& at);
    observe::ConnectionRow const* selected() const;
    void showState();
    void jobFinished(Job const& job);

    ConnectionModel* open_;
    ClosedConnectionModel* closed_;
    LiveTable* openTable_ = nullptr;
    LiveTable* closedTable_ = nullptr;
    QTabWidget* tabs_ = nullptr;
    QAction* disconnect_ = nullptr;
    QToolButton* disconnectButton_ = nullptr;
    JobToken job_ = 0;
};

}  // namespace signalbox::gui
