#pragma once

#include "gui/models/subject_tree_model.h"
#include "gui/pages/page.h"

#include <set>

class QLabel;
class QLineEdit;

namespace signalbox::gui {

class LiveTable;

/// The tree of all subjects with what goes over each of them.
class SubjectsPage : public Page {
    Q_OBJECT

public:
    explicit SubjectsPage(PageContext const& context);

    void showSnapshot(observe::SnapshotPtr const& snapshot) override;
    void prepareForPicture() override;
    void saveLayout() override;

    /// Shows what matches, for a subject or a filter with wildcards.
    void goTo(QString const& filter);
    void focusSearch();

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void makeTools();
    void makeTable();
    /// Of a server elsewhere, whose messages are seen by subscribing alone.
    void makeSampling();
    void showQuality(observe::ServerSnapshot const& server);
    QWidget* detail();
    void ask();
    void toggle(int row);
    void openRow(QModelIndex const& index);
    void sortBy(int column, Qt::SortOrder order);
    void setFilterText(QString const& text);
    void openFew(observe::TreeSnapshot const& tree);
    void fillMenu(QPoint const& at);
    void showSelected();
    void showCount(observe::ServerSnapshot const& server, observe::TreeSnapshot const& tree);
    QString selectedSubject() const;
    void showState();

    SubjectTreeModel* model_;
    LiveTable* table_ = nullptr;
    QLineEdit* search_ = nullptr;
    QLabel* count_ = nullptr;
    QLabel* selected_ = nullptr;
    observe::TreeQuery query_;
    std::set<observe::NodeId> expanded_;
    std::set<observe::NodeId> closedByHand_;
    std::set<observe::NodeId> paged_;
    bool below_ = true;  ///< A search without wildcards looks below the subject first.
    QAction* sample_ = nullptr;
    QLabel* quality_ = nullptr;
};

}  // namespace signalbox::gui
