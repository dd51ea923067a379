# frozen_string_literal: true

RSpec.describe Minigun::Execution::Held do
  let(:held) { described_class.new }
  let(:unsendable) { Object.new.tap { |object| def object.marshal_dump = raise("no") } }

  after { held.close }

  def contents
    held.enum_for(:each).to_a
  end

  it "gives back what it was given, in order, and forgets it" do
    entries = [[2, nil], [3, [:a, false]], [2, unsendable], [2, "text"], [6, ["x", {}]]]
    entries.each { |entry| held.add(*entry) }
    expect(contents).to eq(entries)
    expect(contents).to eq([])
  end

  it "keeps in a file what is too much for memory, in order (reliability 6)" do
    large = "x" * (described_class::LIMIT / 3)
    entries = Array.new(10) { |n| [2, n == 4 ? unsendable : [n, large]] }
    files = fd_count
    entries.each { |entry| held.add(*entry) }

    expect(fd_count).to eq(files + 1)
    expect(contents).to eq(entries)
    held.add(2, :again)
    expect(contents).to eq([[2, :again]])
    expect { held.close }.to change { fd_count }.by(-1)
  end

  it "forgets all when told" do
    10.times { |n| held.add(2, "#{n}#{"x" * (described_class::LIMIT / 4)}") }
    held.clear
    held.add(2, 1)
    expect(contents).to eq([[2, 1]])
  end

  it "leaves no file behind, with and without nameless files of the system (reliability P13)" do
    Dir.mktmpdir do |directory|
      allow(Dir).to receive(:tmpdir).and_return(directory)
      allow(File).to receive(:open).and_wrap_original do |original, path, *rest|
        raise Errno::EOPNOTSUPP if path == directory

        original.call(path, *rest)
      end
      5.times { |n| held.add(2, [n, "x" * (described_class::LIMIT / 3)]) }

      expect(Dir.children(directory)).to eq([])
      expect(contents.map { |_, object| object.first }).to eq([0, 1, 2, 3, 4])
    end
  end
end
