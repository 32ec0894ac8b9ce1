#include "gui/widgets/empty_state.h"

#include "gui/icons.h"
#include "gui/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

/// An icon that is drawn anew when the palette changes.
class IconLabel : public QWidget {
public:
    IconLabel(QString const& name, QWidget* parent) : QWidget(parent), icon_(icon(name)) {
        setFixedSize(48, 48);
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override {
        QPainter painter(this);
        painter.setOpacity(0.55);
        icon_.paint(&painter, rect());
    }

private:
    QIcon icon_;
};

}  // namespace

EmptyState::EmptyState(QString const& iconName, QString const& title, QString const& text,
                       QWidget* parent)
    : QWidget(parent), title_(new QLabel(title)), text_(new QLabel(text)), buttons_(new QWidget) {
    title_->setFont(Theme::scaled(1.35, QFont::DemiBold));
    title_->setAlignment(Qt::AlignCenter);
    text_->setWordWrap(true);
    text_->setTextFormat(Qt::PlainText);  // it may quote what a server says
    text_->setAlignment(Qt::AlignCenter);
    text_->setProperty("role", "muted");
    text_->setFixedWidth(460);
    auto* const row = new QHBoxLayout(buttons_);
    row->setContentsMargins(0, kSpace, 0, 0);
    row->setAlignment(Qt::AlignCenter);
    auto* const column = new QVBoxLayout(this);
    column->setSpacing(kSpace);
    column->addStretch(2);
    column->addWidget(new IconLabel(iconName, this), 0, Qt::AlignHCenter);
    column->addWidget(title_);
    column->addWidget(text_, 0, Qt::AlignHCenter);
    column->addWidget(buttons_, 0, Qt::AlignHCenter);
    column->addStretch(3);
}

void EmptyState::setTitle(QString const& title) {
    title_->setText(title);
}

void EmptyState::setText(QString const& text) {
    text_->setText(text);
    // A layout that stands already does not ask a wrapped label again.
    text_->setMinimumHeight(text_->heightForWidth(text_->minimumWidth()));
}

void EmptyState::addAction(QAction* action) {
    auto* const button = new QPushButton(action->icon(), action->text());
    button->setProperty("primary", first_);
    button->setAccessibleName(action->text());
    if (first_) {
        button->setIcon({});
    }
    first_ = false;
    connect(button, &QPushButton::clicked, action, &QAction::trigger);
    auto const follow = [button, action] {
        button->setVisible(action->isEnabled());
        button->setText(action->text());
    };
    connect(action, &QAction::changed, button, follow);
    buttons_->layout()->addWidget(button);
    follow();
}

}  // namespace signalbox::gui
